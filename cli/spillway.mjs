#!/usr/bin/env node
/*
 * The `spillway` command. Plain JavaScript, since an older Node.js does not read the rest: it has to say so in a line instead of in a
 * syntax error.
 */
const NEEDED = [22, 19]

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < NEEDED[0] || (major === NEEDED[0] && minor < NEEDED[1])) {
  process.stderr.write(`spillway needs Node.js ${NEEDED.join('.')} or newer, this is ${process.versions.node}; in a checkout \`npm run cli -- …\` and \`npx spillway …\` take the one that npm installed\n`)
  process.exitCode = 1
} else {
  await import('./main.ts')
}
