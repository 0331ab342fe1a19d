import { expect, it } from "vitest";
import { requirePermission } from "../../../../src/features/agents/permissions.ts";

it("a refusal names the whole --allow to set, and no command without the server's other flags", () => {
  const refused = () => requirePermission("replay", ["trigger"]);
  expect(refused).toThrow(
    expect.objectContaining({
      code: "not_allowed",
      hint: "Ask the user to put --allow trigger,replay into the command that starts this server, and to keep its other flags.",
    }) as Error,
  );
});
