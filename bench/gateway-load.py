# Sends frames into a gateway as fast as one system call after the other can: sendmmsg on a packet socket, so that forwarding runs in
# the sender's own time. Line in: {"side", "frames": [hex], "count"}; line out: {"seconds", "arrived"}.
import ctypes, json, socket, sys, time

BATCH = 512
libc = ctypes.CDLL(None, use_errno=True)

class iovec(ctypes.Structure):
    _fields_ = [("base", ctypes.c_char_p), ("length", ctypes.c_size_t)]

class msghdr(ctypes.Structure):
    _fields_ = [("name", ctypes.c_void_p), ("namelen", ctypes.c_uint32), ("iov", ctypes.POINTER(iovec)), ("iovlen", ctypes.c_size_t), ("control", ctypes.c_void_p), ("controllen", ctypes.c_size_t), ("flags", ctypes.c_int)]

class mmsghdr(ctypes.Structure):
    _fields_ = [("hdr", msghdr), ("len", ctypes.c_uint)]

sockets = {}
for side in ("a1", "b1"):
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    s.bind((side, 0))
    sockets[side] = s

def received(device):
    with open("/proc/net/dev") as lines:
        for line in lines:
            name, _, rest = line.partition(":")
            if name.strip() == device:
                return int(rest.split()[1])
    return -1

def batch(frames):
    vectors = (iovec * BATCH)()
    messages = (mmsghdr * BATCH)()
    for at in range(BATCH):
        frame = frames[at % len(frames)]
        vectors[at] = iovec(frame, len(frame))
        messages[at].hdr.iov = ctypes.pointer(vectors[at])
        messages[at].hdr.iovlen = 1
    return messages, vectors

for line in sys.stdin:
    asked = json.loads(line)
    side = asked["side"]
    other = "b1" if side == "a1" else "a1"
    frames = [bytes.fromhex(frame) for frame in asked["frames"]]
    messages, vectors = batch(frames)
    descriptor = sockets[side].fileno()
    before = received(other)
    start = time.process_time()
    sent = 0
    while sent < asked["count"]:
        done = libc.sendmmsg(descriptor, messages, min(BATCH, asked["count"] - sent), 0)
        sent += max(done, 1)
    seconds = time.process_time() - start
    time.sleep(0.05)
    print(json.dumps({"seconds": seconds, "arrived": received(other) - before}), flush=True)
