import sys
import httpx

_, url, body = sys.argv
with httpx.Client(transport=httpx.HTTPTransport(retries=1)) as client:
    sys.stdout.write(client.post(url, content=body).text)
