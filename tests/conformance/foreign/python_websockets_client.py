"""A client that echoes, on websockets (Python). Drives itself by Autobahn's URLs."""

import asyncio
import sys

import websockets

base, agent = sys.argv[1:]


async def talk(path, on_message):
    try:
        async with websockets.connect(base + path, max_size=64 * 2**20) as socket:
            async for message in socket:
                await on_message(socket, message)
    except (websockets.WebSocketException, OSError, asyncio.TimeoutError, EOFError, ValueError):
        pass


async def main():
    counts = []

    async def keep(_, message):
        counts.append(int(message))

    await talk("/getCaseCount", keep)
    for number in range(1, counts[0] + 1):
        await talk(f"/runCase?case={number}&agent={agent}", lambda socket, it: socket.send(it))
    await talk(f"/updateReports?agent={agent}", keep)


asyncio.run(main())
