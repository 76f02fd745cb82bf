#!/usr/bin/env python3
# Writes the ground truth of the lab's captures with tshark, a reader that shares no code with Picket.
# It is a recording-time tool: nothing in the product imports it, and the tests only read what it wrote.
# Usage: truth.py FOLDER OUT FILE...   (files are named relative to FOLDER)

import csv
import subprocess
import sys
from pathlib import Path

# Off, so that each frame is judged alone, as a reader that sees packets one by one would.
OPTIONS = [
    "ip.defragment:FALSE", "ipv6.defragment:FALSE", "tcp.desegment_tcp_streams:FALSE",
    "tcp.check_checksum:FALSE", "nameres.mac_name:FALSE", "nameres.network_name:FALSE",
]

FRAME = [
    "frame.number", "frame.time_epoch", "frame.len", "frame.protocols", "vlan.id",
    "ip.src", "ip.dst", "ip.proto", "ip.len", "ip.frag_offset",
    "ipv6.src", "ipv6.dst", "ipv6.nxt", "ipv6.plen", "ipv6.hopopts.nxt", "ipv6.dstopts.nxt",
    "ipv6.routing.nxt", "ipv6.fraghdr.nxt", "ipv6.fraghdr.offset",
    "tcp.srcport", "tcp.dstport", "tcp.flags", "udp.srcport", "udp.dstport", "sctp.srcport", "sctp.dstport",
]
NAMES = [
    "dns.flags.response", "dns.qry.name", "dns.qry.type", "dns.a", "dns.aaaa", "dns.cname",
    "tls.handshake.type", "tls.handshake.extensions_server_name", "http.host",
    "dhcp.option.hostname", "dhcp.option.vendor_class_id", "mqtt.clientid", "mqtt.topic", "mqtt.msgtype",
    "mbtcp.unit_id", "modbus.func_code", "eth.src", "arp.opcode", "arp.src.proto_ipv4", "arp.dst.proto_ipv4",
]
FIELDS = FRAME + NAMES
SEPARATOR, AGGREGATOR = "\x1f", "\x1e"
PORTS = {6: "tcp", 17: "udp", 132: "sctp"}
LINK_BYTES = {"eth": 14, "sll": 16, "raw": 0}

FLOW_HEAD = (
    "file,flow,ip_version,proto,addr_a,port_a,addr_b,port_b,later_fragments,first_ts,last_ts,packets_ab,packets_ba,"
    "ip_bytes_ab,ip_bytes_ba,frame_bytes_ab,frame_bytes_ba,min_frame,max_frame,tcp_flags_ab,tcp_flags_ba,vlans_ab,vlans_ba"
).split(",")
NAME_HEAD = "file,kind,client,server,port,name,value,count,first_frame".split(",")
OPERATION_HEAD = "file,protocol,src,dst,dst_port,operation,count".split(",")


def frames(path):
    """Yields each frame as a dictionary of field -> list of all its values, outermost first."""
    command = ["tshark", "-n", "-r", str(path), "-T", "fields", "-E", f"separator={SEPARATOR}",
               "-E", f"aggregator={AGGREGATOR}", "-E", "occurrence=a"]
    for option in OPTIONS:
        command += ["-o", option]
    for field in FIELDS:
        command += ["-e", field]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, errors="replace") as process:
        for line in process.stdout:
            values = line.rstrip("\n").split(SEPARATOR)
            yield {f: v.split(AGGREGATOR) if v else [] for f, v in zip(FIELDS, values)}


def first(frame, field, default=""):
    return frame[field][0] if frame[field] else default


def number(text):
    return int(text, 0) if text else 0


def addressed(frame):
    """The outermost IP header: version, addresses, upper protocol, length, and whether it is a later fragment."""
    protocols = first(frame, "frame.protocols").split(":")
    outer = next((p for p in protocols if p in ("ip", "ipv6")), None)
    if outer == "ip":
        return {"version": 4, "src": first(frame, "ip.src"), "dst": first(frame, "ip.dst"),
                "proto": number(first(frame, "ip.proto")), "bytes": number(first(frame, "ip.len")),
                "later": number(first(frame, "ip.frag_offset")) > 0}
    if outer == "ipv6":
        payload = number(first(frame, "ipv6.plen"))
        return {"version": 6, "src": first(frame, "ipv6.src"), "dst": first(frame, "ipv6.dst"),
                "proto": upper_protocol(frame), "bytes": payload + 40 if payload else 0,
                "later": number(first(frame, "ipv6.fraghdr.offset")) > 0}
    return None


def upper_protocol(frame):
    chain = {0: "ipv6.hopopts.nxt", 60: "ipv6.dstopts.nxt", 43: "ipv6.routing.nxt", 44: "ipv6.fraghdr.nxt"}
    proto = number(first(frame, "ipv6.nxt"))
    for _ in range(len(chain)):
        following = first(frame, chain[proto]) if proto in chain else ""
        if not following:
            break
        proto = number(following)
    return proto


def ports(frame, head):
    name = PORTS.get(head["proto"])
    if name is None or head["later"]:
        return "", ""
    return first(frame, f"{name}.srcport"), first(frame, f"{name}.dstport")


def ip_bytes(frame, head):
    if head["bytes"]:
        return head["bytes"]
    link = LINK_BYTES.get(first(frame, "frame.protocols").split(":")[0], 0)
    return number(first(frame, "frame.len")) - link - 4 * len(frame["vlan.id"])


class Flows:
    """One row per pair of (address, port) and protocol, over the whole file, with no timeout."""

    def __init__(self, name):
        self.name, self.rows = name, {}

    def add(self, frame, head):
        src_port, dst_port = ports(frame, head)
        source, target = (head["src"], src_port), (head["dst"], dst_port)
        key = (head["version"], head["proto"], head["later"], *sorted((source, target)))
        time = first(frame, "frame.time_epoch")
        row = self.rows.setdefault(key, {"a": source, "b": target, "first": time, "sizes": [], "ways": [self.way(), self.way()]})
        row["last"] = time
        size = number(first(frame, "frame.len"))
        row["sizes"].append(size)
        way = row["ways"][0 if source == row["a"] else 1]
        way["packets"] += 1
        way["ip"] += ip_bytes(frame, head)
        way["frame"] += size
        if head["proto"] == 6 and not head["later"]:
            way["flags"] |= number(first(frame, "tcp.flags")) & 0xFF
        way["vlans"].add("|".join(frame["vlan.id"]) or "-")

    @staticmethod
    def way():
        return {"packets": 0, "ip": 0, "frame": 0, "flags": 0, "vlans": set()}

    def table(self):
        for index, (key, row) in enumerate(self.rows.items(), 1):
            there, back = row["ways"]
            flags = [f"{way['flags']:02x}" if key[1] == 6 else "" for way in (there, back)]
            yield [self.name, index, key[0], key[1], *row["a"], *row["b"], int(key[2]), row["first"], row["last"],
                   there["packets"], back["packets"], there["ip"], back["ip"], there["frame"], back["frame"],
                   min(row["sizes"]), max(row["sizes"]), *flags,
                   ";".join(sorted(there["vlans"])), ";".join(sorted(back["vlans"]))]


class Seen:
    """Names and operations with how often and where first; a value repeated inside one frame counts as often as it stands there."""

    def __init__(self, name):
        self.name, self.names, self.operations = name, {}, {}

    def add(self, frame, head):
        src_port, dst_port = ports(frame, head)
        there = (head["src"], head["dst"], dst_port)
        self.add_dns(frame, head, src_port, dst_port)
        if first(frame, "tls.handshake.type") == "1":
            self.note(frame, "sni", there, [(n, "") for n in frame["tls.handshake.extensions_server_name"]])
        for kind, field in (("http-host", "http.host"), ("mqtt-client", "mqtt.clientid"), ("mqtt-topic", "mqtt.topic")):
            self.note(frame, kind, there, [(n, "") for n in frame[field]])
        vendor = first(frame, "dhcp.option.vendor_class_id")
        self.note(frame, "dhcp-host", there, [(n, vendor) for n in frame["dhcp.option.hostname"]])
        self.operate("mqtt", there, frame["mqtt.msgtype"])
        if dst_port == "502":
            pairs = zip(frame["mbtcp.unit_id"], frame["modbus.func_code"])
            self.operate("modbus", there, [f"{unit}/{function}" for unit, function in pairs])

    def add_dns(self, frame, head, src_port, dst_port):
        name = first(frame, "dns.qry.name")
        if not name:
            return
        if first(frame, "dns.flags.response") in ("0", "False"):
            self.note(frame, "dns-query", (head["src"], head["dst"], dst_port), [(name, first(frame, "dns.qry.type"))])
            return
        back = (head["dst"], head["src"], src_port)
        self.note(frame, "dns-answer", back, [(name, a) for a in frame["dns.a"] + frame["dns.aaaa"]])
        self.note(frame, "dns-cname", back, [(name, c) for c in frame["dns.cname"]])

    def note(self, frame, kind, ends, pairs):
        for name, value in pairs:
            entry = self.names.setdefault((kind, *ends, name, value), [0, first(frame, "frame.number")])
            entry[0] += 1

    def operate(self, protocol, ends, operations):
        for operation in operations:
            key = (protocol, *ends, operation)
            self.operations[key] = self.operations.get(key, 0) + 1

    def name_table(self):
        return [[self.name, *key, *entry] for key, entry in self.names.items()]

    def operation_table(self):
        return [[self.name, *key, count] for key, count in self.operations.items()]


# The three attacks of site-attack.pcap, told by their ends alone; README.md says what each is.
CAMERA, CAMERA_PARTNERS = "10.20.0.10", {"10.20.0.10", "10.20.0.1", "10.20.0.11"}
SCAN_PORT = "61000"
EXFILTRATION = {"10.20.0.11", "203.0.113.66"}
WRONG_WRITE = {"10.20.0.50", "10.20.0.31"}


def is_attack(frame, head):
    if head is None:
        ends = {first(frame, "arp.src.proto_ipv4"), first(frame, "arp.dst.proto_ipv4")}
        return ends == WRONG_WRITE or (CAMERA in ends and not ends <= CAMERA_PARTNERS)
    ends = {head["src"], head["dst"]}
    if ends in (EXFILTRATION, WRONG_WRITE):
        return True
    return CAMERA in ends and head["proto"] == 6 and SCAN_PORT in ports(frame, head)


def write(path, head, rows):
    with open(path, "w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(head)
        writer.writerows(rows)


def main():
    folder, out, names = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:]
    flows, seen_names, operations = [], [], []
    for name in names:
        table, seen, labels = Flows(name), Seen(name), []
        for frame in frames(folder / name):
            head = addressed(frame)
            labels.append(f"{first(frame, 'frame.number')};{int(is_attack(frame, head))}\n")
            if head is not None:
                table.add(frame, head)
                seen.add(frame, head)
        flows += table.table()
        seen_names += seen.name_table()
        operations += seen.operation_table()
        if name == "site-attack.pcap":
            (out / "labels-attack.csv").write_text("".join(labels), encoding="utf-8")
    write(out / "truth-flows.csv", FLOW_HEAD, flows)
    write(out / "truth-names.csv", NAME_HEAD, seen_names)
    write(out / "truth-operations.csv", OPERATION_HEAD, operations)


if __name__ == "__main__":
    main()
