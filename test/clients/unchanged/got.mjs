import got from 'got'
process.stdout.write(await got.post(process.argv[2], { body: process.argv[3] }).text())
