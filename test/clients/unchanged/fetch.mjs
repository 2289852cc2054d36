const response = await fetch(process.argv[2], { method: 'POST', body: process.argv[3] })
process.stdout.write(await response.text())
