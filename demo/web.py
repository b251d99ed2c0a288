#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""
The web server of the demo, and its visitors.

    web.py serve ADDRESS                serve one small page on port 80
    web.py visit ADDRESS SECONDS CPU    visit it, a connection for every request

There are always VISITORS visitors, each with an address of its own.  Who gets
no answer waits, as long as TCP does but at most PATIENCE seconds, and comes
again.  While they are at it, the answers of each second go to stderr; in the
end all answers and the seconds go to stdout.
"""
import asyncio
import os
import signal
import sys
import time

PAGE = b"<!doctype html><title>weir</title><p>It works.\n"
ANSWER = (b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n"
          b"Content-Length: %d\r\n\r\n%s" % (len(PAGE), PAGE))
VISITORS = 32
PATIENCE = 3


async def answer(reader, writer):
    try:
        await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), PATIENCE)
        writer.write(ANSWER)
    except (OSError, EOFError, asyncio.TimeoutError):
        pass
    writer.close()


async def serve(address):
    server = await asyncio.start_server(answer, address, 80, backlog=1024)
    await server.serve_forever()


async def request(address, source):
    reader, writer = await asyncio.open_connection(address, 80,
                                                   local_addr=(source, 0))
    try:
        writer.write(b"GET / HTTP/1.0\r\n\r\n")
        return await reader.read()
    finally:
        writer.close()


async def visitor(address, source, answers):
    while True:
        try:
            got = await asyncio.wait_for(request(address, source), PATIENCE)
            answers[source] += got == ANSWER
        except (OSError, asyncio.TimeoutError):
            pass


async def visit(address, seconds):
    answers = {f"203.0.113.{i}": 0 for i in range(1, VISITORS + 1)}
    # The list keeps them from the garbage collector.
    crowd = [asyncio.create_task(visitor(address, source, answers))
             for source in answers]
    before, start = 0, time.monotonic()
    for second in range(1, seconds + 1):
        await asyncio.sleep(start + second - time.monotonic())
        total = sum(answers.values())
        print(f"{total - before:7,}", end="", flush=True, file=sys.stderr)
        before = total
    print(before, f"{time.monotonic() - start:.3f}", flush=True)
    os._exit(0)     # to cancel them in order is not worth the wait


signal.signal(signal.SIGINT, signal.SIG_DFL)    # die without a traceback
if len(sys.argv) == 3 and sys.argv[1] == "serve":
    asyncio.run(serve(sys.argv[2]))
elif len(sys.argv) == 5 and sys.argv[1] == "visit":
    os.sched_setaffinity(0, [int(sys.argv[4])])     # now that we are loaded
    asyncio.run(visit(sys.argv[2], int(sys.argv[3])))
else:
    sys.exit(__doc__)
