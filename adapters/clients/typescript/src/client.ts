// A client of the public HTTP interface. Its types are generated from the OpenAPI
// document of a server; see `make clients`.
import createClient from "openapi-fetch";
import type { components, paths } from "./schema.d.ts";

export type Problem = components["schemas"]["Problem"];

/** A client of the server at url that calls as whoever the token was issued to. */
export function connect(url: string, token: string) {
  return createClient<paths>({ baseUrl: url, headers: { Authorization: `Bearer ${token}` } });
}
