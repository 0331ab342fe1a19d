// A Bluum webhook endpoint in NestJS: see README.md.
import { NestFactory } from "@nestjs/core";
import type { NestExpressApplication } from "@nestjs/platform-express";
import { AppModule } from "./app.module.js";

// The signature covers the raw bytes, which request.rawBody keeps.
const app = await NestFactory.create<NestExpressApplication>(AppModule, { rawBody: true });
// A parser that is added with app.use(express.json(…)) would leave rawBody undefined.
app.useBodyParser("json", { limit: "1mb" });
await app.listen(process.env["PORT"] ?? 3000, "127.0.0.1");
console.log(`listening on ${await app.getUrl()}`);
