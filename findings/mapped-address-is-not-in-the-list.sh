#!/usr/bin/env bash
# Webhooks are accepted from the sender's published networks only, such as 203.0.113.0/24. The server listens where Node.js does
# by default, on `::`, and there an IPv4 client has the address ::ffff:203.0.113.7.
#
# Guess: the libraries for such lists know this form, and find the address in the network.
# Seen:  ip-range-check and ip-cidr do. netmask ("empty octet") and ipaddr.js ("cannot match ipv6 address with non-ipv6 one")
#        throw. Node's own BlockList says no, unless the caller says that the address is of IPv6.
# So:    the list works in a unit test with plain addresses, and refuses every delivery in production. Listen on 0.0.0.0, or use
#        ipaddr.js's `process`, which gives back the IPv4 address.
set -euo pipefail

packages=(ip-range-check@0.2.1 ip-cidr@4.0.2 netmask@2.1.1 ipaddr.js@2.5.0)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts "${packages[@]}"

cat >finding.mjs <<'END'
import { once } from "node:events";
import { BlockList, connect, createServer } from "node:net";
import IPCIDR from "ip-cidr";
import inRange from "ip-range-check";
import ipaddr from "ipaddr.js";
import { Netmask } from "netmask";

const network = "203.0.113.0/24";
const list = new BlockList();
list.addSubnet("203.0.113.0", 24, "ipv4");
const checks = {
  "ip-range-check": (address) => inRange(address, network),
  "ip-cidr": (address) => new IPCIDR(network).contains(address),
  netmask: (address) => new Netmask(network).contains(address),
  "ipaddr.js, parse": (address) => ipaddr.parse(address).match(ipaddr.parseCIDR(network)),
  "ipaddr.js, process": (address) => ipaddr.process(address).match(ipaddr.parseCIDR(network)),
  BlockList: (address) => list.check(address),
  "BlockList, ipv6": (address) => list.check(address, "ipv6"),
};
const server = createServer().listen(0);
await once(server, "listening");
connect(server.address().port, "127.0.0.1");
const [socket] = await once(server, "connection");
console.log(`a client of 127.0.0.1 is ${socket.remoteAddress}`);
for (const [name, check] of Object.entries(checks)) {
  let result;
  try {
    result = check("::ffff:203.0.113.7") ? "in the list" : "not in the list";
  } catch (error) {
    result = error.message;
  }
  console.log(`${name}: ${result}`);
}
process.exit();
END

cat >expected.txt <<'END'
a client of 127.0.0.1 is ::ffff:127.0.0.1
ip-range-check: in the list
ip-cidr: in the list
netmask: empty octet
ipaddr.js, parse: ipaddr: cannot match ipv6 address with non-ipv6 one
ipaddr.js, process: in the list
BlockList: not in the list
BlockList, ipv6: in the list
END

timeout 50 node finding.mjs >seen.txt
printf 'Node.js %s, %s\n\n' "$(node --version)" "${packages[*]}"
cat seen.txt
diff -u expected.txt seen.txt >changes.txt || {
  printf '\nThis has changed:\n'
  cat changes.txt
  exit 1
}
