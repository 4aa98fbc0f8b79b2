"""A server that echoes, on Tornado (Python)."""

import asyncio
import sys

import tornado.web
import tornado.websocket


class Echo(tornado.websocket.WebSocketHandler):
    def get_compression_options(self):
        return {}

    def on_message(self, message):
        self.write_message(message, isinstance(message, bytes))


async def main():
    app = tornado.web.Application([("/", Echo)], websocket_max_message_size=64 * 2**20)
    app.listen(int(sys.argv[1]), "127.0.0.1")
    await asyncio.Event().wait()


asyncio.run(main())
