# The gateway machine itself as an end: sends raw packets as a local process would, and tells what raw sockets behind the input hook received.
# One JSON line in, one out.
import json, socket, sys

IPV6_HDRINCL = 36
PRIORITY = int(sys.argv[1])
PROTOCOLS = {4: (1, 6, 17, 253), 6: (6, 17, 58, 253)}
FAMILIES = {4: socket.AF_INET, 6: socket.AF_INET6}
listening = []
for version, protocols in PROTOCOLS.items():
    for protocol in protocols:
        s = socket.socket(FAMILIES[version], socket.SOCK_RAW, protocol)
        s.setblocking(False)
        listening.append((version, s))
sending = {version: socket.socket(family, socket.SOCK_RAW, socket.IPPROTO_RAW) for version, family in FAMILIES.items()}
sending[6].setsockopt(socket.IPPROTO_IPV6, IPV6_HDRINCL, 1)
for s in sending.values():
    s.setsockopt(socket.SOL_SOCKET, socket.SO_PRIORITY, PRIORITY)

def received():
    found = []
    for version, s in listening:
        while True:
            try:
                data, address = s.recvfrom(70000)
            except BlockingIOError:
                break
            found.append([version, address[0]])
    return found

def send(packet):
    version = packet[0] >> 4
    to = socket.inet_ntop(FAMILIES[version], packet[16:20] if version == 4 else packet[24:40])
    try:
        sending[version].sendto(packet, (to, 0))
    except PermissionError:
        pass  # the output hook dropped it and says so

for line in sys.stdin:
    asked = json.loads(line)
    if asked["kind"] == "send":
        send(bytes.fromhex(asked["packet"]))
    print(json.dumps(received()), flush=True)
