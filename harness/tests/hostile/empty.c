// hostile: defines nothing
// gets: build
// says: does not define price_of
#include "exercise.h"

//
