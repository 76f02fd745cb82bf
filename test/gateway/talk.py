# Programs that hosts of a test run: they talk until their input ends, then print what they counted as one line of JSON.
#   udp-answer PORT          answers every datagram
#   udp-ask HOST PORT HZ     sends HZ datagrams a second, counts answers
#   tcp-answer PORT          sends back what it gets, one connection
#   tcp-ask HOST PORT        sends ten bytes every five milliseconds
#   flood syn|scan HOST N    sends N opening packets: of made-up addresses to one port, or to N (address, port) pairs, as fast as it can
# Times are nanoseconds of the machine's clock, stamped by the kernel when a datagram arrived.
import json, select, socket, struct, sys, time

SO_TIMESTAMPNS = 35
say = lambda **what: print(json.dumps(what), flush=True)
family = lambda host: socket.AF_INET6 if ":" in host else socket.AF_INET
is_told_to_end = lambda seconds=0: bool(select.select([sys.stdin], [], [], seconds)[0])

def stamped(sock):
    data, extra, _, peer = sock.recvmsg(2048, 64)
    seconds, nanos = struct.unpack("qq", extra[0][2])
    return data, seconds * 10**9 + nanos, peer

def udp_socket(kind, port=None):
    sock = socket.socket(kind, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    if kind == socket.AF_INET6:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    if port is not None:
        sock.bind(("::" if kind == socket.AF_INET6 else "0.0.0.0", port))
    sock.setblocking(False)
    return sock

def udp_answer(port):
    sock = udp_socket(socket.AF_INET6, int(port))
    got, last = 0, 0
    say(ready=True)
    while True:
        ready, _, _ = select.select([sock, sys.stdin], [], [])
        if sock in ready:
            data, last, peer = stamped(sock)
            got += 1
            try:
                sock.sendto(data, peer)
            except OSError:
                pass
        elif sys.stdin in ready:
            return say(got=got, last=last)

def udp_ask(host, port, hz):
    sock = udp_socket(family(host))
    sent, got, last, due = 0, 0, 0, time.monotonic()
    while not is_told_to_end():
        due += 1 / float(hz)
        sent += 1
        try:
            sock.sendto(b"x" * 100, (host, int(port)))
        except OSError:
            pass
        while select.select([sock], [], [], max(0, due - time.monotonic()))[0]:
            try:
                _, last, _ = stamped(sock)
                got += 1
                if got == 1:
                    say(ready=True)
            except OSError:
                pass
    say(sent=sent, got=got, last=last)

def tcp_talk(sock, is_asking):
    sock.settimeout(0.005)
    got, error = 0, None
    while error is None and not is_told_to_end():
        try:
            if is_asking:
                sock.send(b"0123456789")
            data = sock.recv(4096)
            got += len(data)
            if not data:
                error = "closed"
            elif not is_asking:
                sock.send(data)
        except socket.timeout:
            pass
        except OSError as problem:
            error = type(problem).__name__
        if got >= 200 and is_asking and not getattr(tcp_talk, "said", False):
            tcp_talk.said = True
            say(ready=True)
        time.sleep(0.005)
    say(got=got, error=error)

def tcp_answer(port):
    server = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
    server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind(("::", int(port)))
    server.listen(1)
    say(ready=True)
    tcp_talk(server.accept()[0], False)

def tcp_ask(host, port):
    tcp_talk(socket.create_connection((host, int(port)), 5), True)

def checksum(data):
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    total = (total >> 16) + (total & 0xFFFF)
    return ~(total + (total >> 16)) & 0xFFFF

def flood(kind, host, count):
    """Without TCP checksums: the kernel on the way denies before anybody would look at them."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    own = socket.inet_aton(socket.gethostbyname(host)) if kind == "syn" else None
    begun = time.monotonic()
    for number in range(int(count)):
        source = socket.inet_aton("198.18.%d.%d" % (number >> 8 & 255, number & 255)) if own else socket.inet_aton(sys.argv[5])
        target = own or socket.inet_aton("10.0.2.%d" % (number & 255))
        port = 80 if own else 1 + number % 65535
        head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 40, number & 0xFFFF, 0, 64, 6, 0, source, target)
        tcp = struct.pack("!HHIIBBHHH", 1024 + number % 60000, port, number, 0, 0x50, 2, 1024, 0, 0)
        try:
            sock.sendto(head[:10] + struct.pack("!H", checksum(head)) + head[12:] + tcp, (socket.inet_ntoa(target), 0))
        except OSError:
            pass
    say(seconds=time.monotonic() - begun)

PROGRAMS = {"udp-answer": udp_answer, "udp-ask": udp_ask, "tcp-answer": tcp_answer, "tcp-ask": tcp_ask, "flood": flood}
PROGRAMS[sys.argv[1]](*(sys.argv[2:5] if sys.argv[1] == "flood" else sys.argv[2:]))
