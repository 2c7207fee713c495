#!/usr/bin/env node
/*
 * The `spillway` command. Plain JavaScript, since an older Node.js cannot read the rest: the user gets a message
 * instead of a syntax error.
 */
const NEEDED = [22, 19]

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < NEEDED[0] || (major === NEEDED[0] && minor < NEEDED[1])) {
  process.stderr
    .write(`spillway needs Node.js ${
      NEEDED.join('.')
    } or newer, this is ${process.versions.node}; in a checkout, run \`npm run cli -- …\`, or \`npx spillway …\` after \`npm ci\`, which installs a newer one\n`)
  process.exitCode = 1
} else {
  await import('./main.ts')
}
