package httpapi

import (
	"net/http"
	"strings"

	"github.com/klauspost/compress/gzhttp"
)

// smallestCompressed is how many bytes an answer must have to be worth it: less
// fits into one packet anyway.
const smallestCompressed = 1200

// acceptEncoding is in Vary of every answer: the next caller may ask for another.
const acceptEncoding = "Accept-Encoding"

// compressed is h with answers compressed as the caller asks for, with zstd or
// gzip. Callers who do not ask pay nothing.
func compressed(h http.HandlerFunc) http.HandlerFunc {
	wrap, err := gzhttp.NewWrapper(
		gzhttp.MinSize(smallestCompressed), gzhttp.ContentTypeFilter(compressible),
		gzhttp.CompressionLevel(3), // a third of the time of the default, for files a little larger
	)
	if err != nil {
		panic(err) // fails for settings out of range
	}
	packing := wrap(h)
	return func(w http.ResponseWriter, r *http.Request) {
		if _, asked := r.Header[acceptEncoding]; asked {
			packing(w, r)
			return
		}
		w.Header().Add("Vary", acceptEncoding)
		h(w, r)
	}
}

// compressible leaves out what is compressed already, and streams of events,
// whose every line is wanted at once.
func compressible(contentType string) bool {
	media, _, _ := strings.Cut(contentType, ";")
	return media != mediaXLSX && media != mediaTar && media != eventStream && !strings.HasPrefix(media, "image/")
}
