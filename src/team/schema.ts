/** The version of the tables and functions that this client creates, and the oldest one that it can use. */
export const SCHEMA_VERSION = 1;

/** The channel on which the database says that a log has grown, or that its owner has changed. */
export const CHANNEL = "bluum_hooks";

/** Any number that is the same in every client. */
const MIGRATION_LOCK = 7_305_811;

/**
 * Creates or upgrades the tables. It is sent as one text, which the server runs as one transaction, also behind a
 * pooler. Without the lock, clients that run it at once fail: "create … if not exists" is not atomic. It only adds:
 * older clients continue to work.
 *
 * A delivery's `seq` has no gaps and is committed in order, because its writer holds the row of the stream: a reader
 * that has seen `seq` n misses nothing below it. A sequence does not guarantee that.
 */
export const MIGRATION = `
select pg_advisory_xact_lock(${MIGRATION_LOCK});

create schema if not exists bluum_hooks;

create table if not exists bluum_hooks.meta (
  only_row boolean primary key default true check (only_row),
  version int not null,
  min_client int not null
);
insert into bluum_hooks.meta (version, min_client) values (${SCHEMA_VERSION}, 1)
  on conflict (only_row) do update set version = greatest(meta.version, excluded.version);

create table if not exists bluum_hooks.stream (
  id bigint generated always as identity primary key,
  name text not null unique,
  log uuid not null default gen_random_uuid(),
  environment text not null,
  head bigint not null default 0,
  tail bigint not null default 0,
  keep_days int not null default 30,
  webhook bytea
);

create table if not exists bluum_hooks.delivery (
  stream_id bigint not null references bluum_hooks.stream on delete cascade,
  seq bigint not null,
  id text not null,
  stored_at timestamptz not null default clock_timestamp(),
  key_id text not null,
  size int not null,
  sealed bytea not null,
  primary key (stream_id, seq),
  unique (stream_id, id)
);
alter table bluum_hooks.delivery alter sealed set storage external;

create table if not exists bluum_hooks.member (
  stream_id bigint not null references bluum_hooks.stream on delete cascade,
  id uuid not null,
  label text not null,
  client text not null,
  seq bigint not null,
  standby boolean not null,
  app_ok bigint not null,
  app_failed bigint not null,
  seen_at timestamptz not null,
  primary key (stream_id, id)
);

create table if not exists bluum_hooks.owner (
  stream_id bigint primary key references bluum_hooks.stream on delete cascade,
  term bigint not null default 0,
  member uuid,
  label text,
  since timestamptz,
  until timestamptz not null default '-infinity'
);

create or replace function bluum_hooks.append_v1(s bigint, ids text[], k text, bodies text[]) returns bigint
language plpgsql security definer set search_path = pg_catalog, bluum_hooks, pg_temp as $$
declare
  h bigint;
  n bigint;
begin
  select head into strict h from stream where id = s for update;
  insert into delivery (stream_id, seq, id, key_id, size, sealed)
    select s, h + row_number() over (order by o), i, k, octet_length(b), b
    from (select i, o, decode(x, 'base64') b from unnest(ids, bodies) with ordinality u(i, x, o)) u
    where not exists (select 1 from delivery d where d.stream_id = s and d.id = u.i);
  get diagnostics n = row_count;
  if n > 0 then
    update stream set head = h + n where id = s;
    perform pg_notify('${CHANNEL}', s || ':' || h + n);
  end if;
  return h + n;
end $$;

-- The term; null if another member's lease has not expired. The term changes unless this member's lease was in force.
create or replace function bluum_hooks.claim_v1(s bigint, m uuid, l text, seconds int, by_force boolean)
returns bigint language plpgsql security definer set search_path = pg_catalog, bluum_hooks, pg_temp as $$
declare
  o owner%rowtype;
  n timestamptz;
begin
  insert into owner (stream_id) values (s) on conflict do nothing;
  select * into strict o from owner where stream_id = s for update;
  n := clock_timestamp();
  if o.until > n and o.member = m then
    update owner set until = n + make_interval(secs => seconds) where stream_id = s;
    return o.term;
  end if;
  if o.until > n and not by_force then return null; end if;
  update owner set term = o.term + 1, member = m, label = l, since = n, until = n + make_interval(secs => seconds)
    where stream_id = s;
  perform pg_notify('${CHANNEL}', s || ':owner');
  return o.term + 1;
end $$;

create or replace function bluum_hooks.release_v1(s bigint, m uuid, t bigint)
returns boolean language plpgsql security definer set search_path = pg_catalog, bluum_hooks, pg_temp as $$
begin
  update owner set until = '-infinity' where stream_id = s and member = m and term = t;
  if not found then return false; end if;
  perform pg_notify('${CHANNEL}', s || ':owner');
  return true;
end $$;

create or replace function bluum_hooks.set_webhook_v1(s bigint, m uuid, t bigint, sealed bytea)
returns boolean language plpgsql security definer set search_path = pg_catalog, bluum_hooks, pg_temp as $$
begin
  perform 1 from owner where stream_id = s and member = m and term = t for update;
  if not found then return false; end if;
  update stream set webhook = sealed where id = s;
  return true;
end $$;

-- The beat of a member: its position, and in return the state of the log.
create or replace function bluum_hooks.report_v1(
  s bigint, m uuid, l text, c text, p bigint, may_receive boolean, ok bigint, failed bigint
) returns table (
  log uuid, head bigint, tail bigint, min_client int, owner_member uuid, owner_label text, owner_since timestamptz,
  owner_term bigint, is_owned boolean
) language plpgsql security definer set search_path = pg_catalog, bluum_hooks, pg_temp as $$
begin
  insert into member (stream_id, id, label, client, seq, standby, app_ok, app_failed, seen_at)
    select s, m, l, c, p, may_receive, ok, failed, clock_timestamp() from stream where id = s
    on conflict (stream_id, id) do update set label = l, client = c, seq = p, standby = may_receive,
      app_ok = ok, app_failed = failed, seen_at = clock_timestamp();
  return query
    select t.log, t.head, t.tail, x.min_client, o.member, o.label, o.since, o.term,
      coalesce(o.until > clock_timestamp(), false)
    from stream t cross join meta x left join owner o on o.stream_id = t.id where t.id = s;
end $$;

create or replace function bluum_hooks.leave_v1(s bigint, m uuid)
returns void language sql security definer set search_path = pg_catalog, bluum_hooks, pg_temp as $$
  delete from member where stream_id = s and id = m;
$$;

-- Deletes at most 5,000 expired deliveries, the oldest first, and returns their number.
create or replace function bluum_hooks.prune_v1(s bigint)
returns bigint language plpgsql security definer set search_path = pg_catalog, bluum_hooks, pg_temp as $$
declare
  t stream%rowtype;
  upto bigint;
begin
  select * into strict t from stream where id = s for update;
  select max(seq) into upto from (
    select seq, stored_at from delivery where stream_id = s order by seq limit 5000
  ) d where stored_at < clock_timestamp() - make_interval(days => t.keep_days);
  if upto is null then return 0; end if;
  delete from delivery where stream_id = s and seq <= upto;
  update stream set tail = upto where id = s;
  return upto - t.tail;
end $$;

revoke all on schema bluum_hooks from public;
revoke execute on all functions in schema bluum_hooks from public;
`;

/** What a role needs to be a member, and nothing else. The name is quoted as an SQL identifier. */
export function grantsFor(role: string): string {
  const name = `"${role.replaceAll('"', '""')}"`;
  return [
    `grant usage on schema bluum_hooks to ${name};`,
    `grant select on all tables in schema bluum_hooks to ${name};`,
    `grant execute on all functions in schema bluum_hooks to ${name};`,
  ].join("\n");
}
