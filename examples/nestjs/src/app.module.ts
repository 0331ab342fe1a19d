import { Module } from "@nestjs/common";
import { Inbox } from "./inbox.js";
import { WebhooksController } from "./webhooks.controller.js";

const { DATABASE = "events.db", BLUUM_WEBHOOK_SECRET } = process.env;

@Module({
  controllers: [WebhooksController],
  providers: [{ provide: Inbox, useFactory: () => new Inbox(DATABASE, BLUUM_WEBHOOK_SECRET) }],
})
export class AppModule {}
