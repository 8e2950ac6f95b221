# Flags that every target of the project has.
add_library(lsm_flags INTERFACE)
target_compile_options(lsm_flags INTERFACE -Wall -Wextra -Wshadow -Wnon-virtual-dtor)
# g++ 12 sees overlapping copies in std::string's operator+ where there are none (GCC bug 105651).
target_compile_options(lsm_flags INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>)
if(LSM_WERROR)
  target_compile_options(lsm_flags INTERFACE -Werror)
endif()
if(LSM_SANITIZE)
  target_compile_options(lsm_flags INTERFACE -fsanitize=${LSM_SANITIZE} -fno-omit-frame-pointer
                                             -fno-sanitize-recover=all)
  target_link_options(lsm_flags INTERFACE -fsanitize=${LSM_SANITIZE})
endif()
target_include_directories(lsm_flags INTERFACE ${PROJECT_SOURCE_DIR}/engine/include
                                               ${PROJECT_SOURCE_DIR}/engine)
target_link_libraries(lsm_flags INTERFACE fmt::fmt Threads::Threads)
