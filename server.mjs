/*
 * Starts server.ts. Plain JavaScript, since an older Node.js cannot even read the rest: it has to say so in a line
 * instead of in an error about the extension of a file. `npm start` looks at the version itself.
 */
const NEEDED = [22, 19]

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < NEEDED[0] || (major === NEEDED[0] && minor < NEEDED[1])) {
  process.stderr
    .write(`Spillway needs Node.js ${
      NEEDED.join('.')
    } or newer, this is ${process.versions.node}; \`npm start\` takes the one that npm installed\n`)
  process.exitCode = 1
} else {
  await import('./server.ts')
}
