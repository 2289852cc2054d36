import t from 'tap'
import { shownCommand } from '../../src/text/shown-command.js'

t.test('a command is shown without the secrets that its words name', async t => {
  const cases: ReadonlyArray<readonly [given: readonly string[], expected: readonly string[]]> = [
    [['--password', 'S3CRET'], ['--password', '[redacted]']],
    [['-password', 'S3CRET'], ['-password', '[redacted]']],
    [['--db-password=S3CRET'], ['--db-password=[redacted]']],
    [['--authToken', 'S3CRET'], ['--authToken', '[redacted]']],
    [['env', 'API_KEY=S3CRET', 'A=b'], ['env', 'API_KEY=[redacted]', 'A=b']],
    [['PGPASS=1', 'MY_PASS=S3CRET'], ['PGPASS=1', 'MY_PASS=[redacted]']],
    [['DB=postgres://user:S3CRET@host/db'], ['DB=postgres://user:[redacted]@host/db']],
    [['https://:S3CRET@host/'], ['https://:[redacted]@host/']],
    [['git', 'clone', 'HTTPS://S3CRET@host/x.git'], ['git', 'clone', 'HTTPS://[redacted]@host/x.git']],
    [['https://S3CRET:@host/', 'HTTP://S3@CRET:x-oauth-basic@host'], ['https://[redacted]:@host/', 'HTTP://[redacted]:x-oauth-basic@host']],
    [['https://S3@CRET@host/', `https://${'S3CRET'.repeat(100)}@host`], ['https://[redacted]@host/', 'https://[redacted]@host']],
    [['https://user@host:S3CRET@host/', `x://${'user'.repeat(100)}:S3CRET@host`], ['https://user@host:[redacted]@host/', `x://${'user'.repeat(100)}:[redacted]@host`]],
    [['https://user:S3@CR:ET@host:1/'], ['https://user:[redacted]@host:1/']],
    [['curl', '-u', 'bob:S3CRET'], ['curl', '-u', 'bob:[redacted]']],
    [['--user', 'bob', '--proxy-user=bob:S3CRET'], ['--user', 'bob', '--proxy-user=bob:[redacted]']],
    [['-H', 'Authorization: Bearer S3CRET'], ['-H', 'Authorization: Bearer [redacted]']],
    [['-H', 'x-api-key:S3CRET'], ['-H', 'x-api-key:[redacted]']],
    [['-H', 'Cookie: a=S3CRET; b=S3CRET'], ['-H', 'Cookie: [redacted]']],
    [['sh', '-c', 'curl -H "Authorization: Bearer S3CRET" -H \'x-api-key:S3CRET\' x'], ['sh', '-c', 'curl -H "Authorization: Bearer [redacted]" -H \'x-api-key:[redacted]\' x']],
    [['-d', '{ "token":"S3CRET", "project_id":1, "password" : "S3\\"CRET" }'], ['-d', '{ "token":"[redacted]", "project_id":1, "password" : "[redacted]" }']],
    [['-d', '{"pin":1,"apiKey":53,"secret":"","credentials":S3CRET}'], ['-d', '{"pin":1,"apiKey":[redacted],"secret":"","credentials":[redacted]}']],
    [['sh', '-c', 'curl -d "{\\"token\\":\\"S3CRET\\",\\"plan_id\\":2}"'], ['sh', '-c', 'curl -d "{\\"token\\":\\"[redacted]\\",\\"plan_id\\":2}"']],
    [['http://host/?a=1&api_token=S3CRET&b=2'], ['http://host/?a=1&api_token=[redacted]&b=2']],
    [['sh', '-c', 'TOKEN="S3CRET S3CRET" x --secret S3CRET; y --token=\'S3CRET\' z'], ['sh', '-c', 'TOKEN=[redacted] x --secret [redacted]; y --token=[redacted] z']],
    [['--url=https://h/?token=S3CRET&a=b', 'BASE_URL=https://h/?api_key=S3CRET'], ['--url=https://h/?token=[redacted]&a=b', 'BASE_URL=https://h/?api_key=[redacted]']],
    [['--url=\'https://h/?a=1&token=S3CRET\''], ['--url=\'https://h/?a=1&token=[redacted]\'']],
    [['--header=Authorization: Bearer S3CRET', '--header=X-Api-Key: S3 CRET'], ['--header=Authorization: Bearer [redacted]', '--header=X-Api-Key: [redacted]']],
    [['-HAuthorization: S3CRET', '-HX-Auth-Token:S3CRET', 'X-Api-Key:S3CRET'], ['-HAuthorization: [redacted]', '-HX-Auth-Token:[redacted]', 'X-Api-Key:[redacted]']],
    [['--env=API_TOKEN=S3CRET', '--set=auth.token=S3CRET', '-eTOKEN=S3CRET'], ['--env=API_TOKEN=[redacted]', '--set=auth.token=[redacted]', '-eTOKEN=[redacted]']],
    [['-Dtoken=S3CRET', '-Ppassword=S3CRET', '-Dapi.token=S3CRET'], ['-Dtoken=[redacted]', '-Ppassword=[redacted]', '-Dapi.token=[redacted]']],
    [['--license-key', 'S3CRET', '--licenceKey=S3CRET'], ['--license-key', '[redacted]', '--licenceKey=[redacted]']],
    [['https://h/?next=%2Fz%3Ftoken%3DS3CRET%26a%3Db&c=d', 'x%253Ftoken%253DS3CRET%2526'], ['https://h/?next=%2Fz%3Ftoken%3D[redacted]%26a%3Db&c=d', 'x%253Ftoken%253D[redacted]%2526']],
    [['x?q=%7B%22token%22%3A%22S3CRET%22%2C%22a%22%3A1%7D'], ['x?q=%7B%22token%22%3A%22[redacted]%22%2C%22a%22%3A1%7D']],
    [['{token: "S3CRET", \'password\': \'S3CRET\', secret: S3CRET}'], ['{token: "[redacted]", \'password\': \'[redacted]\', secret: [redacted]}']],
    [['["--token","S3CRET", \'--password\', \'S3CRET\', `--secret`, `S3CRET`]'], ['["--token","[redacted]", \'--password\', \'[redacted]\', `--secret`, `[redacted]`]']],
    [['node', '-e', 'const token = \'S3CRET\'; x.apiKey="S3CRET"; let secret=`S3CRET`'], ['node', '-e', 'const token = \'[redacted]\'; x.apiKey=[redacted]; let secret=[redacted]']],
    [['--password=$3CRET', '{"token":"$3CRET"}'], ['--password=[redacted]', '{"token":"[redacted]"}']],
    [['sh', '-c', 'curl -H "Authorization: Basic S3CRET" -H "X-Api-Key: $KEY"'], ['sh', '-c', 'curl -H "Authorization: Basic [redacted]" -H "X-Api-Key: $KEY"']],
    [['PGPASSWORD=S3CRET', 'APITOKEN=S3CRET', '--apitoken', 'S3CRET', 'TOKEN1=S3CRET', 'SECRETKEY=S3CRET'], ['PGPASSWORD=[redacted]', 'APITOKEN=[redacted]', '--apitoken', '[redacted]', 'TOKEN1=[redacted]', 'SECRETKEY=[redacted]']],
    [['--password=S3&CRET', 'env', 'PASSWORD=S3;CR"ET', 'DB_PASSWORD=S3 CRET'], ['--password=[redacted]', 'env', 'PASSWORD=[redacted]', 'DB_PASSWORD=[redacted]']],
    [['-d', 'token=S3CRET&project_id=5&note=x'], ['-d', 'token=[redacted]&project_id=5&note=x']],
    [['sh', '-c', 'curl -su bob:S3CRET h; curl --user "bob:S3CRET" h; curl -ubob:S3CRET'], ['sh', '-c', 'curl -su bob:[redacted] h; curl --user "bob:[redacted]" h; curl -ubob:[redacted]']],
    [['curl', '-ubob:S3CRET', '-sU', 'bob:S3CRET', '--cookie', 'sid=S3CRET'], ['curl', '-ubob:[redacted]', '-sU', 'bob:[redacted]', '--cookie', '[redacted]']],
    // eslint-disable-next-line no-template-curly-in-string
    [['bash', '-lc', 'TOKEN=${TOKEN:-S3CRET} x; TOKEN=$\'S3 CRET\' y'], ['bash', '-lc', 'TOKEN=[redacted] x; TOKEN=[redacted] y']],
    [['node', '-e', 'process.env[\'TOKEN\'] = \'S3CRET\'; h.set(\'authorization\', \'Bearer S3CRET\')'], ['node', '-e', 'process.env[\'TOKEN\'] = \'[redacted]\'; h.set(\'authorization\', \'Bearer [redacted]\')']],
    [['python3', '-c', 'token = r\'S3CRET\'; a={"token":["S3CRET"]}'], ['python3', '-c', 'token = r\'[redacted]\'; a={"token":[redacted]}']],
    [['token[]=S3CRET', 'x?a[token]=S3CRET&b=1', 'Authorization:S3CRET', 'X-Api-Key:S3CRET'], ['token[]=[redacted]', 'x?a[token]=[redacted]&b=1', 'Authorization:[redacted]', 'X-Api-Key:[redacted]']]
  ]
  for (const [given, expected] of cases) t.strictSame(shownCommand(given), expected, given.join(' '))
})

t.test('a command without secrets is shown as it is', async t => {
  const commands = [
    ['npm', 'test'], ['node', '--test', 'test/token.test.js'], ['x', '--token', '--verbose'], ['x', '--token'], ['x', '--token-file', '/run/t'], ['x', '--author', 'me', '--passive', 'y'],
    ['-d', '{"token":"132321343dsfsdf"}'], ['sh', '-c', 'curl -d "{\\"token\\":\\"132321343dsfsdf\\"}"'], ['-d', '{"token_type":"x","pass_":{"a":1}}'],
    ['sh', '-c', 'curl -d \'{"token":"\'"$TOKEN"\'","plan_id":2}\''], ['sh', '-c', 'curl -d \'{"token":"\'$TOKEN\'"}\' -d "{\\"token\\":\\"$TOKEN\\"}"'],
    ['sh', '-c', 'docker run -v "auth:/app" x'],
    ['npm', 'run', 'auth:test'], ['npm', 'run', 'token:check', '--', 'pass:'], ['sh', '-c', 'echo "the token: it is gone"; npm run "auth:test"'],
    ['sh', '-c', 'curl -H "Authorization: Bearer $TOKEN" -H "X-Api-Key: $(key)" x --token "$T" --secret=$(cat s) --password=$1 "$@"'],
    ['-d', '{"generate_api_token":true,"token": null}', 'token=', '--auth=false', '["token", "plan"]', '--sort=token', '--fields=token,plan'],
    ['x', '--token', '132321343dsfsdf', '--password', ''], ['jest', '--passWithNoTests', 'a.test.js'], ['x', '--no-auth', 'a', '--skip-auth', 'b', '--cookie', 'jar.txt'],
    ['npm', 'run', 'token:e2e'], ['nx', 'run', 'auth:test:production'], ['cargo', 'test', 'auth::token::works'], ['docker', 'run', 'auth:1.2'], ['jest', '-t', 'token: refuses old ones'],
    ['PWD=/x', 'AUTH_ENABLED=1', 'AUTH_HOST=h', 'MAX_TOKENS=5', '--max-tokens', '100', 'TOKEN_TTL=5', 'generate_api_token=1'],
    ['sh', '-c', 'token=`cat f`; x --token `cat f`; token=$(cat f) y --token | z; x --auth 2>&1; [ $token == "abc" ]'],
    ['node', '-e', 'const token=process.env.TOKEN; x(auth=>{ y })'], ['python3', '-c', 'token = os.environ["TOKEN"]'],
    ['--url=https://h/?a=b&c=d', '%token%', 'a%3Db', 'BASE_URL=x'],
    ['x', 'Host: a', 'a: b c', '-H', 'accept: application/json'], ['http://host:80/a@b', 'https://host?a@b', 'https://host#a@b', '12:30', 'ssh://git@host/x', 'a@b'], ['sh', '-c', 'a=1 b --c d'], [], [''], [`${'token'.repeat(30)}=x`, `--${'token-'.repeat(30)}`, 'x']
  ]
  for (const command of commands) t.strictSame(shownCommand(command), command, command.join(' '))
})
