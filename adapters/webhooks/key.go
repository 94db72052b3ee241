package webhooks

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
)

// KeyBytes is how long a key is.
const KeyBytes = 32

// Key keeps secrets of webhooks in the log without anybody reading them there.
type Key struct{ sealer cipher.AEAD }

// NewKey fails unless key has KeyBytes bytes.
func NewKey(key []byte) (*Key, error) {
	block, err := aes.NewCipher(key)
	if err != nil || len(key) != KeyBytes {
		return nil, fmt.Errorf("a key for webhooks has %d bytes", KeyBytes)
	}
	sealer, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, err
	}
	return &Key{sealer}, nil
}

const (
	secretPrefix = "whsec_"
	sealedPrefix = "aes256gcm:" // how it was sealed, should that ever change
	secretBytes  = 32
)

// Secret makes a secret for a webhook and seals it.
func (k *Key) Secret(webhookID string) (sealed string, err error) {
	random := make([]byte, secretBytes)
	rand.Read(random)
	return k.seal(webhookID, secretPrefix+base64.StdEncoding.EncodeToString(random)), nil
}

// seal ties the secret to its webhook: sealed for one it cannot be opened for
// another.
func (k *Key) seal(webhookID, secret string) string {
	return sealedPrefix + base64.RawStdEncoding.EncodeToString(k.sealer.Seal(nil, nil, []byte(secret), []byte(webhookID)))
}

var errSealed = errors.New("the secret was sealed with another key; start the server with the --webhook-key it was made with, or rotate the secret")

// Open is the secret as the receiver knows it, whsec_….
func (k *Key) Open(webhookID, sealed string) (secret string, err error) {
	text, ok := strings.CutPrefix(sealed, sealedPrefix)
	if !ok {
		return "", errSealed
	}
	bytes, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil {
		return "", errSealed
	}
	plain, err := k.sealer.Open(nil, nil, bytes, []byte(webhookID))
	if err != nil {
		return "", errSealed
	}
	return string(plain), nil
}
