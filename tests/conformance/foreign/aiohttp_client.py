"""A client that echoes, on aiohttp (Python). Drives itself by Autobahn's URLs."""

import asyncio
import sys

import aiohttp

base, agent = sys.argv[1:]


async def echo(socket, message):
    if message.type == aiohttp.WSMsgType.TEXT:
        await socket.send_str(message.data)
    elif message.type == aiohttp.WSMsgType.BINARY:
        await socket.send_bytes(message.data)


async def talk(session, path, on_message):
    try:
        async with session.ws_connect(
            base + path, max_msg_size=64 * 2**20, compress=15
        ) as socket:
            async for message in socket:
                await on_message(socket, message)
    except (aiohttp.ClientError, OSError, asyncio.TimeoutError, ValueError):
        pass


async def main():
    counts = []

    async def keep(_, message):
        counts.append(int(message.data))

    async with aiohttp.ClientSession() as session:
        await talk(session, "/getCaseCount", keep)
        for number in range(1, counts[0] + 1):
            await talk(session, f"/runCase?case={number}&agent={agent}", echo)
        await talk(session, f"/updateReports?agent={agent}", keep)


asyncio.run(main())
