/**
 * How a change ended. `untouched`: it never reached the API. `not-ours`: somebody set another URL since, so it was left
 * alone. `handed-over`: a promotion has taken the webhook over. `gone`: the webhook does not exist any more.
 * `took-effect`: a change that is meant to stay did reach the API. `unproven`: whether it did is not returned by the API.
 * `in-use`: a session of another home has the webhook, and is going to leave it as this change has made it.
 * `not-seen`: nothing has come of a request that was not answered; the API may still carry it out.
 */
export type Outcome =
  | "restored"
  | "deactivated"
  | "deleted"
  | "kept"
  | "untouched"
  | "not-ours"
  | "in-use"
  | "handed-over"
  | "gone"
  | "took-effect"
  | "unproven"
  | "not-seen";
