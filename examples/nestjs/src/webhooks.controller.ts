import { Controller, Get, Post, Req, Res, type RawBodyRequest } from "@nestjs/common";
import type { Request, Response } from "express";
import { Inbox } from "./inbox.js";

@Controller()
export class WebhooksController {
  constructor(private readonly inbox: Inbox) {}

  @Post("webhooks/bluum")
  receive(@Req() request: RawBodyRequest<Request>, @Res() response: Response) {
    const body = request.rawBody ?? Buffer.alloc(0);
    response.sendStatus(this.inbox.receive(request.headers, body));
  }

  @Get("state")
  state() {
    return this.inbox.state();
  }
}
