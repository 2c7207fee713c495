import { runTogether } from './run-together.ts'

await runTogether('test/services/{admission,scaling}/**/*.test.ts')
