import { runTogether } from './run-together.ts'

await runTogether('test/services/{delivery,rules}/**/*.test.ts')
