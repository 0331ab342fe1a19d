import { describe, expect, it } from "vitest";
import { parseDatabaseUrl, shownAddress, withLogin } from "../../../src/team/database-url.ts";

describe("the database URL", () => {
  it("gives host, port, database, user and password", () => {
    expect(parseDatabaseUrl("postgresql://ana:p%40ss%2Fword@DB.example.com:6432/hooks%20dev")).toMatchObject({
      host: "db.example.com",
      port: 6432,
      database: "hooks dev",
      user: "ana",
      password: "p@ss/word",
    });
  });

  it("may have no user and no password, and an IPv6 address", () => {
    const address = parseDatabaseUrl("postgres://[fd00::1]/hooks");
    expect(address).toMatchObject({ host: "fd00::1", port: 5432, user: undefined, password: undefined });
    expect(shownAddress(address)).toBe("[fd00::1]/hooks");
    expect(shownAddress({ ...address, host: "db", port: 80 })).toBe("db:80/hooks");
  });

  it.each([
    ["http://db/hooks", "it must begin with postgres://"],
    ["postgres://db", "it must name one database"],
    ["postgres://db/", "it must name one database"],
    ["postgres:///hooks", "it names no host"],
    ["postgres://u:secret%@db/hooks", "is not followed by two hex digits"],
    ["postgres://u:sec ret@d b/hooks", "it is not a URL"],
    ["postgres://u:secret@db/hooks?sslmode=prefer", "may use an unencrypted connection"],
  ])("%s is refused, without its password", (url, why) => {
    expect(() => parseDatabaseUrl(url)).toThrow(
      expect.objectContaining({ code: "invalid_url", message: expect.stringContaining(why) }),
    );
    expect(() => parseDatabaseUrl(url)).not.toThrow(/secret/);
  });

  it("gets the user and password of a member", () => {
    const login = { user: "ana", password: "a@b:c/d" };
    for (const url of ["postgres://db/hooks?sslmode=require", "postgres://u:p@db/hooks?sslmode=require"]) {
      expect(parseDatabaseUrl(withLogin(url, login))).toEqual({ ...parseDatabaseUrl(url), ...login });
    }
  });
});

describe("TLS", () => {
  it.each([
    ["postgres://db.example.com/h", { mode: "verify-full" }],
    ["postgres://10.0.0.5/h", { mode: "verify-full" }],
    ["postgres://localhost/h", { mode: "disable" }],
    ["postgres://127.0.0.1:5433/h", { mode: "disable" }],
    ["postgres://localhost/h?sslmode=verify-full", { mode: "verify-full" }],
    ["postgres://localhost/h?sslrootcert=/ca.pem", { mode: "verify-full", caFile: "/ca.pem" }],
    ["postgres://db/h?sslrootcert=/ca.pem", { mode: "verify-full", caFile: "/ca.pem" }],
    ["postgres://db/h?sslrootcert=system", { mode: "verify-full" }],
    ["postgres://db/h?sslmode=verify-ca&sslrootcert=/ca.pem", { mode: "verify-ca", caFile: "/ca.pem" }],
    ["postgres://db/h?sslmode=require&channel_binding=require&pgbouncer=true", { mode: "require" }],
    ["postgres://db/h?sslmode=disable", { mode: "disable" }],
  ])("of %s", (url, tls) => {
    expect(parseDatabaseUrl(url).tls).toEqual(tls);
  });
});
