/**
 * The result of settling a change. `untouched`: it never reached the API. `not-ours`: the URL was changed by others,
 * so the webhook was left unchanged. `handed-over`: a promotion has taken the webhook over. `gone`: the webhook no
 * longer exists. `took-effect`: a permanent change did reach the API. `unproven`: the API does not return whether it
 * did. `in-use`: a session with another data folder has the webhook, and will leave it in the state of this change.
 * `not-seen`: an unanswered request has had no effect yet; the API may still carry it out.
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
