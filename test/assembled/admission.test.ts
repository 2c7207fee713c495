import { runTogether } from './run-together.ts'

await runTogether('test/services/{admission,control,scaling}/**/*.test.ts')
