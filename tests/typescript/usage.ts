// What the generated types allow, and what they do not.
import type { OrderCreatedV2, Topic, Topics, TopicVersions } from "./events/index.js";
import type { BankPayment } from "./events/order.created.v2.js";

// A discriminated union is narrowed by its tag, also where a branch has a default for it.
export function account(order: OrderCreatedV2): string {
  const payment = order.payment;
  if (payment.method === "card") return payment.last4;
  if (payment.method === "bank") {
    const bank: BankPayment = payment;
    return bank.iban;
  }
  return payment.wallet_id;
}

// @ts-expect-error a payload of the union needs its tag
export const untagged: OrderCreatedV2["payment"] = { iban: "DE00" };

// Required, nullable and optional are three things.
type Order = TopicVersions["order.created"]["v2"]["request"];
export const note: Order["note"] = null;
// @ts-expect-error optional is not nullable
export const codes: Order["coupon_codes"] = null;
// @ts-expect-error nullable is not optional
export const noteless: Pick<Order, "note"> = {};
export const strict: Topics["strict.one"]["request"] = { id: 1 };
// @ts-expect-error a required field
export const empty: Topics["strict.one"]["request"] = {};

// Enumerations are unions of their values, and their keys are known.
type Failure = Topics["rpc.price.quote"]["error"];
export const code: Failure["error_code"] = "out_of_stock";
// @ts-expect-error no such value
export const other: Failure["error_code"] = "other";
type Prices = Topics["all.types"]["request"]["by_currency"];
export const prices: Prices = { EUR: { amount: "1.50" } };
// @ts-expect-error no such key
export const pounds: Prices = { GBP: { amount: 1 } };

// Tuples have a length, recursive types an end.
type Everything = Topics["all.types"]["request"];
export const pair: Everything["a_pair"] = [1, "a"];
// @ts-expect-error too short
export const half: Everything["a_pair"] = [1];
export const tree: Topics["tree.grown"]["request"] = {
  name: "root",
  children: [{ name: "leaf", parent: null }],
};
export const json: Topics["json.value"]["request"] = { a: [1, { b: null }] };

// Topics are known by name, awkward fields too.
export const topic: Topic = "order.created";
// @ts-expect-error no such topic
export const nobody: Topic = "order.deleted";
export function first(event: Topics["awkward.names"]["request"]): string {
  return event["2fa"] + event.class + event["a\"b\\c"] + event.größe + event["user-id"].toFixed();
}
export type Answer = TopicVersions["order.created"]["v1"]["response"];
// @ts-expect-error nobody answers a broadcast event
export const answer: Answer = 1;
