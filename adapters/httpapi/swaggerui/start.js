window.onload = function () {
  window.ui = SwaggerUIBundle({
    url: location.origin + '/openapi.json', // without a password the page's own address may carry
    dom_id: '#swagger-ui',
    deepLinking: true,
    docExpansion: 'list',
    filter: true,
    defaultModelsExpandDepth: 0,
    displayRequestDuration: true,
    tryItOutEnabled: true,
    validatorUrl: null,
  });
};
