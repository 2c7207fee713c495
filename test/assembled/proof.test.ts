import { runTogether } from './run-together.ts'

await runTogether('test/prove/*/*.test.ts')
