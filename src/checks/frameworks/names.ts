/** The frameworks whose own remedies are known, as `--framework` names them. */
export const FRAMEWORK_NAMES = [
  "express",
  "fastify",
  "koa",
  "hono",
  "nestjs",
  "nextjs",
  "adonisjs",
  "hapi",
  "h3",
  "flask",
  "django",
  "fastapi",
  "aiohttp",
  "tornado",
  "bottle",
  "falcon",
  "quart",
  "sinatra",
  "rails",
  "php",
  "laravel",
  "go",
  "spring",
] as const;

export type FrameworkName = (typeof FRAMEWORK_NAMES)[number];
