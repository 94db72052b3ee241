// The main flows against the server at ANNALS_URL, called with ANNALS_TOKEN.
import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import { connect, type Problem } from "./client.ts";

const { ANNALS_URL, ANNALS_TOKEN } = process.env;
assert(ANNALS_URL && ANNALS_TOKEN, "set ANNALS_URL and ANNALS_TOKEN");
const api = connect(ANNALS_URL, ANNALS_TOKEN);
const yuan = { minor: 12_000_000, currency: "CNY" };

/** What was answered as JSON; it is a failure of the flow if that was a problem. */
function good<T>(answer: { data?: T; error?: Problem }): Exclude<T, string> {
  assert.equal(answer.error, undefined);
  assert(answer.data !== undefined && typeof answer.data !== "string");
  return answer.data as Exclude<T, string>;
}

async function customers(): Promise<void> {
  const contacts = [{ kind: "email" as const, value: "li@ningbo.example" }];
  const { id } = good(await api.POST("/v1/commands/register-customer", { body: { name: "Ningbo Precision Ltd", contacts } }));
  const added = good(
    await api.POST("/v1/commands/add-contact", {
      params: { header: { "Idempotency-Key": "contact-1" } },
      body: { customer_id: id, kind: "mobile", value: "13800138000" },
    }),
  );
  const twice = await api.POST("/v1/commands/register-customer", { body: { name: "Ningbo Precision", contacts } });
  assert.equal(twice.response.status, 409);
  assert.equal(twice.error?.code, "duplicate_customer");
  const read = good(await api.GET("/v1/queries/customers/{id}", { params: { path: { id }, query: { min_position: added.position } } }));
  assert.equal(read.contacts?.length, 2);
}

async function deals(): Promise<void> {
  const opened = await api.POST("/v1/commands/open-deal", { body: { title: "200 workstations", owner: "ann", amount: yuan } });
  const deal_id = good(opened).id;
  good(await api.POST("/v1/commands/send-quote", { body: { deal_id, amount: yuan } }));
  const seen = opened.response.headers.get("ETag");
  assert(seen);
  const late = await api.POST("/v1/commands/move-deal", { params: { header: { "If-Match": seen } }, body: { deal_id, stage: "quote" } });
  assert.equal(late.error?.code, "conflict");
  good(await api.POST("/v1/commands/move-deal", { body: { deal_id, stage: "quote" } }));
  good(await api.POST("/v1/commands/sign-contract", { body: { deal_id, amount: yuan } }));
  const paid = good(await api.POST("/v1/commands/record-payment", { body: { deal_id, amount: yuan } }));

  const query = { min_position: paid.position };
  const deal = good(await api.GET("/v1/queries/deals/{id}", { params: { path: { id: deal_id }, query } }));
  assert.equal(deal.status, "won");
  const history = good(await api.GET("/v1/queries/deals/{id}/history", { params: { path: { id: deal_id }, query: { limit: 2 } } }));
  assert.equal(history.items.length, 2);
  assert(history.next);
  const metric = good(await api.GET("/v1/queries/metrics/{name}", { params: { path: { name: "won_value" }, query } }));
  assert(metric.rows.length > 0);
}

async function analyses(): Promise<void> {
  const anHourAgo = new Date(Date.now() - 3_600_000).toISOString();
  const { id, position } = good(
    await api.POST("/v1/commands/start-analysis", { body: { name: "won by now", metrics: ["won_value"], variant: { known_at: anHourAgo } } }),
  );
  const params = { path: { id }, query: { min_position: position } };
  for (let tries = 0; good(await api.GET("/v1/queries/analyses/{id}", { params })).status !== "completed"; tries++) {
    assert(tries < 600, "the analysis does not end");
    await setTimeout(100);
  }
  const report = good(await api.GET("/v1/queries/analyses/{id}/report", { params: { path: { id } } }));
  assert(report.changed > 0);
}

async function tickets(): Promise<void> {
  const { id } = good(await api.POST("/v1/commands/open-ticket", { body: { subject: "Fan makes noise", priority: "urgent" } }));
  good(await api.POST("/v1/commands/reply-to-ticket", { body: { ticket_id: id, body: "A technician calls you today.", visibility: "public" } }));
  const resolved = good(await api.POST("/v1/commands/resolve-ticket", { body: { ticket_id: id, solution: "fan replaced" } }));
  const ticket = good(await api.GET("/v1/queries/tickets/{id}", { params: { path: { id }, query: { min_position: resolved.position } } }));
  assert.equal(ticket.status, "resolved");
  const nobodys = await api.GET("/v1/queries/tickets/{id}", { params: { path: { id: crypto.randomUUID() } } });
  assert.equal(nobodys.error?.code, "ticket_not_found");
}

async function pages(): Promise<void> {
  let min_position = "";
  for (const title of ["one", "two", "three"]) {
    min_position = good(await api.POST("/v1/commands/open-deal", { body: { title, owner: "pages" } })).position;
  }
  const titles: string[] = [];
  let cursor: string | undefined;
  do {
    const page = good(
      await api.GET("/v1/queries/deals", { params: { query: { min_position, owner: "pages", limit: 1, ...(cursor ? { cursor } : {}) } } }),
    );
    titles.push(...page.items.map((d) => d.title));
    cursor = page.next;
  } while (cursor);
  assert.deepEqual(titles.sort(), ["one", "three", "two"]);
}

async function program(): Promise<void> {
  assert(good(await api.GET("/v1/queries/policies")).pack.sales.stages?.length);
  assert(good(await api.GET("/v1/queries/read-models")).items.length > 0);
}

for (const flow of [customers, deals, analyses, tickets, pages, program]) {
  await flow();
  console.log("ok", flow.name);
}
