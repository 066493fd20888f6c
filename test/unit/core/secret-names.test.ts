import test from 'ava';
import { isSecretName } from '../../../src/core/secret-names.ts';

test('a name is a secret’s if one of its words is token, secret, password or key (security R3)', (t) => {
	for (const name of [
		'token',
		'api_key',
		'apiKey',
		'WANDB_TOKEN',
		'AWSSecretAccess',
		'db.password',
		'key2',
		'my-secret.txt',
	]) {
		t.true(isSecretName(name), name);
	}
	for (const name of [
		'max_tokens',
		'tokenizer',
		'keyboard',
		'monkey',
		'keys',
		'passwords',
		'secretary',
		'KEYS_PER_ROW',
		'',
	]) {
		t.false(isSecretName(name), name);
	}
});
