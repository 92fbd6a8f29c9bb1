// hostile: includes a solution
// gets: tampered
// says: /buffer_of_one.c
#include "exercise.h"

// clang-format off
%:include "solutions/send-no-receiver/buffer_of_one.c"
