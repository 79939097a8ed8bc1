export { ArticlePage } from '~/features/help/ArticlePage';
export { HelpPage } from '~/features/help/HelpPage';
