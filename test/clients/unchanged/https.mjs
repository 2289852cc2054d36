import http from 'node:http'
import https from 'node:https'
const [,, url, body] = process.argv
const sent = (url.startsWith('https') ? https : http).request(url, { method: 'POST' }, response => { response.pipe(process.stdout) })
sent.end(body)
