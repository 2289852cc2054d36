import sys
import httpx

_, url, body = sys.argv
sys.stdout.write(httpx.post(url, content=body).text)
