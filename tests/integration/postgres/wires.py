"""What lies between two servers: a forwarder for each ordered pair, which can be cut as a firewall does it,
without a word to either end."""
import asyncio
import threading


class Wires:
    def __init__(self, instances):
        self.loop = asyncio.new_event_loop()
        self.ports, self.open, self.servers = {}, {}, []
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        for source in instances:
            for target in instances:
                self.run(self.lay((source.name, target.name), target.port))

    def run(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(20)

    async def lay(self, pair, target):
        way = self.open[pair] = asyncio.Event()
        way.set()
        server = await asyncio.start_server(
            lambda reader, writer: self.connect(way, reader, writer, target), "127.0.0.1", 0
        )
        self.servers.append(server)
        self.ports[pair] = server.sockets[0].getsockname()[1]

    async def connect(self, way, reader, writer, target):
        await way.wait()
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", target)
        except OSError:
            writer.close()
            return
        await asyncio.gather(self.pump(way, reader, far_writer), self.pump(way, far_reader, writer))

    async def pump(self, way, reader, writer):
        """A cut holds what was sent, and also that an end was closed."""
        try:
            while data := await reader.read(65536):
                await way.wait()
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        await way.wait()
        writer.close()

    def port(self, source, target):
        return self.ports[source.name, target.name]

    def set(self, is_open, *touching):
        """All wires of the instances that are named, in both directions."""

        async def change():
            for pair, way in self.open.items():
                if set(pair) & set(touching):
                    way.set() if is_open else way.clear()

        self.run(change())

    def cut(self, *touching):
        self.set(False, *touching)

    def mend(self, *touching):
        self.set(True, *touching)

    def close(self):
        async def end():
            for server in self.servers:
                server.close()
            for task in asyncio.all_tasks():
                if task is not asyncio.current_task():
                    task.cancel()

        self.run(end())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)
        self.loop.close()
