import type { ApiRoute } from "../api-route.ts";
import { ASSET_ROUTES } from "./asset-routes.ts";
import { COMPLIANCE_ROUTES } from "./compliance-routes.ts";
import { INVESTOR_ROUTES } from "./investor-routes.ts";
import { ORDER_ROUTES } from "./order-routes.ts";
import { OWNER_ROUTES } from "./owner-routes.ts";
import { TRANSFER_ROUTES } from "./transfer-routes.ts";
import { WEBHOOK_ROUTES } from "./webhook-routes.ts";

/** Every call of the API that the emulator answers. */
export const API_ROUTES: readonly ApiRoute[] = [
  ...WEBHOOK_ROUTES,
  ...ORDER_ROUTES,
  ...TRANSFER_ROUTES,
  ...OWNER_ROUTES,
  ...INVESTOR_ROUTES,
  ...COMPLIANCE_ROUTES,
  ...ASSET_ROUTES,
];
