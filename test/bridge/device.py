# A device of the test site: echoes TCP and UDP on port 7000, and does what it is told on stdin, one JSON line each, answered by one.
import json
import socket
import sys
import threading

PORT = 7000
WAIT_SECONDS = 3


def open_tcp(family):
    server = socket.socket(family, socket.SOCK_STREAM)
    if family == socket.AF_INET6:
        server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind(("", PORT))
    server.listen(64)
    return server


def answer_tcp(server):
    while True:
        connection, _ = server.accept()
        threading.Thread(target=serve, args=(connection,), daemon=True).start()


def serve(connection):
    with connection:
        while data := connection.recv(65536):
            connection.sendall(data)


heard = []


def open_udp(family):
    server = socket.socket(family, socket.SOCK_DGRAM)
    if family == socket.AF_INET6:
        server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    server.bind(("", PORT))
    return server


def answer_udp(server):
    while True:
        data, source = server.recvfrom(65536)
        heard.append(data.decode("latin1"))
        server.sendto(data, source)


def family_of(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def tcp(to, count):
    try:
        with socket.create_connection((to, PORT), WAIT_SECONDS) as connection:
            for number in range(count):
                connection.sendall(b"x" * 100)
                left = 100
                while left > 0:
                    left -= len(connection.recv(left)) or WAIT_SECONDS * 1000
            return count
    except OSError as error:
        return str(error)


def udp(to, count):
    came = 0
    with socket.socket(family_of(to), socket.SOCK_DGRAM) as client:
        client.settimeout(WAIT_SECONDS)
        try:
            for number in range(count):
                client.sendto(b"%d" % number, (to, PORT))
                client.recv(100)
                came += 1
        except OSError as error:
            return came if came > 0 else str(error)
    return came


def frames(items):
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as raw:
        raw.bind(("e0", 0))
        for item in items:
            raw.send(bytes.fromhex(item))
    return len(items)


for family in (socket.AF_INET, socket.AF_INET6):
    threading.Thread(target=answer_tcp, args=(open_tcp(family),), daemon=True).start()
    threading.Thread(target=answer_udp, args=(open_udp(family),), daemon=True).start()
WORK = {
    "tcp": lambda ask: tcp(ask["to"], ask["count"]),
    "udp": lambda ask: udp(ask["to"], ask["count"]),
    "frames": lambda ask: frames(ask["frames"]),
    "heard": lambda ask: list(heard),
}
for line in sys.stdin:
    ask = json.loads(line)
    print(json.dumps({"answer": WORK[ask["do"]](ask)}), flush=True)
