import asyncio
import sys
import aiohttp

_, url, body = sys.argv


async def main():
    async with aiohttp.ClientSession() as session, session.post(url, data=body) as response:
        sys.stdout.write(await response.text())

asyncio.run(main())
