# The ends of a test site: sends raw packets into one side of the gateway and tells whether they came out of the other.
# One JSON line in, one out. No waiting by time: behind each packet goes an ARP question to the gateway, which answers in order.
import json, select, socket, struct, sys

ETH_IP, ETH_IP6, ETH_ARP, ETH_ALL = 0x0800, 0x86DD, 0x0806, 0x0003
PACKET_OUTGOING = 4
SIDES = json.loads(sys.argv[1])  # {"a": {"device", "gatewayMac", "gateway", "own"}, "b": …}
sockets = {}
for side, about in SIDES.items():
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_ALL))
    s.bind((about["device"], 0))
    s.setblocking(False)
    sockets[side] = s
mac = lambda text: bytes(int(part, 16) for part in text.split(":"))

def own_mac(side):
    return sockets[side].getsockname()[4]

def question(side):
    about = SIDES[side]
    ends = own_mac(side) + socket.inet_aton(about["own"]) + b"\0" * 6 + socket.inet_aton(about["gateway"])
    return mac(about["gatewayMac"]) + own_mac(side) + struct.pack("!HHHBBH", ETH_ARP, 1, ETH_IP, 6, 4, 1) + ends

def frames(side):
    while True:
        try:
            data, address = sockets[side].recvfrom(70000)
        except BlockingIOError:
            return
        if address[2] != PACKET_OUTGOING:
            yield data

def wait_for_answer(side):
    back = []
    for _ in range(1000):
        ready, _, _ = select.select([sockets[side]], [], [], 2)
        if not ready:
            raise RuntimeError("the gateway does not answer")
        for data in frames(side):
            kind = struct.unpack("!H", data[12:14])[0]
            if kind == ETH_ARP and data[20:22] == b"\0\2":
                return back
            back.append(data)
    raise RuntimeError("too many frames")

def ends_of(packet):
    return packet[12:20] if packet[0] >> 4 == 4 else packet[8:40]

def send(side, packet):
    other = "b" if side == "a" else "a"
    for each in SIDES:
        list(frames(each))
    kind = ETH_IP if packet[0] >> 4 == 4 else ETH_IP6
    sockets[side].send(mac(SIDES[side]["gatewayMac"]) + own_mac(side) + struct.pack("!H", kind) + packet)
    sockets[side].send(question(side))
    back = [data[14:].hex() for data in wait_for_answer(side) if data[12:14] != struct.pack("!H", ETH_ARP)]
    out = [data[14:].hex() for data in frames(other) if data[12:14] == struct.pack("!H", kind) and ends_of(data[14:]) == ends_of(packet)]
    return {"passed": len(out) > 0, "out": out, "back": back}

def collect(side):
    """What the gateway itself sent out on this side, up to an answer to a question asked now."""
    sockets[side].send(question(side))
    return [data[14:].hex() for data in wait_for_answer(side)]

for line in sys.stdin:
    asked = json.loads(line)
    if isinstance(asked, dict):
        print(json.dumps([collect(asked["collect"])]), flush=True)
        continue
    print(json.dumps([send(one["side"], bytes.fromhex(one["packet"])) for one in asked]), flush=True)
