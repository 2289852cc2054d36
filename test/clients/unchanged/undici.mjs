import { request } from 'undici'
const { body } = await request(process.argv[2], { method: 'POST', body: process.argv[3] })
process.stdout.write(await body.text())
