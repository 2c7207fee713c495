import { ok, warning, type Check } from '../finding.ts'

const check: Check = ({ secretFiles }) => {
  const open = secretFiles.filter(({ isReadable, isWritable }) => isReadable || isWritable)
  if (open.length === 0) return [ok('no other user can read or change a file with secrets')]
  return open.map(({ key, path, isWritable }) =>
    warning(
      `other users can ${isWritable ? 'change' : 'read'} ${key} ${path}`,
      'with the secrets in it other users can act as their owner',
      `chmod ${isWritable ? 'go-w,o-r' : 'o-r'} ${path}; for a volume of Kubernetes, defaultMode: 0400`
    ))
}

export default check
