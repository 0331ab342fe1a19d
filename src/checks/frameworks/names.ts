/** The frameworks with their own remedies, by their names in `--framework`. */
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
